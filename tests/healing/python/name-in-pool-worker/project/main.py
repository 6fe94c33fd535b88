from multiprocessing import Pool

RATES = {"eur": 1.0, "usd": 2.0}


def convert(pair):
    amount, currency = pair
    return amuont * RATES[currency]


if __name__ == "__main__":
    with Pool(2) as pool:
        print(pool.map(convert, [(1, "eur"), (2, "usd")]))
