d = {"a": 1}
for i in xrange(2):
    print(i, end=" ")
for key, value in d.iteritems():
    print(key, value)
