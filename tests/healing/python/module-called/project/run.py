import pprint

pprint({})
