import os

print(os.environ["HEAL_TEST_NO_SUCH_VARIABLE"])
