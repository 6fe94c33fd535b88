from datetime import datetime

START = datetime(2024, 1, 2)
print(datetime.timedelta(days=1))
