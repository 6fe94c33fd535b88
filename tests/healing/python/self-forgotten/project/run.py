class Job:
    def double(n):
        return n * 2


print(Job().double(2))
