from datetime import datetime

print(datetime.strptime("01/02/2024", "%Y-%m-%d"))
