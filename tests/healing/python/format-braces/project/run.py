print('{"id": {number}}'.format(number=7))
