from collections import Mapping, OrderedDict, Iterable


def flat(value):
    if isinstance(value, Mapping):
        return [x for v in value.values() for x in flat(v)]
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [x for v in value for x in flat(v)]
    return [value]


print(flat(OrderedDict(a=1, b=[2, 3])))
