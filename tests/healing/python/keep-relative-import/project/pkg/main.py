from .util import hi

print(hi())
