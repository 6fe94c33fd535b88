import asyncio


async def fetch(n):
    await asyncio.sleep(0)
    return {"id": n, "tags": ["a"] * n}


async def main():
    for n in (1, 2):
        item = fetch(n)
        print(item["id"], len(item["tags"]))


asyncio.run(main())
