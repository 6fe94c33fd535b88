from mailer import send

print(send("ann", subjct="hi"))
