import threading

results = {}


def work(n):
    results[n] = 10 // n


threads = [threading.Thread(target=work, args=(n,)) for n in (1, 0)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(results[1], results[0])
