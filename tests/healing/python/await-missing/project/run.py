import asyncio


async def fetch():
    await asyncio.sleep(0)
    return {"host": "db1"}


async def main():
    answer = fetch()
    print(answer["host"])


asyncio.run(main())
