import Queue

q = Queue.Queue()
q.put(3)
print(q.get())
