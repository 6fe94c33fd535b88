from readers import Loader

print(Loader())
