import datetime

print(datetime.strptime("2024-01-02", "%Y-%m-%d").year)
