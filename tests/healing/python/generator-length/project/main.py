nums = (n * n for n in range(4))
print(len(nums))
