from mailer import send

print(send("ann", retry=3))
