def count(text):
    seen = {}
    for word in text.split():
        seen[word] += 1
    return seen


print(count("a b a"))
