import asyncio

CONFIG = {"timeout": 1, "retries": 2}


async def job(n):
    await asyncio.sleep(0)
    return CONFIG["timeuot"] + n


async def main():
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(job(n)) for n in range(2)]
    print([t.result() for t in tasks])


asyncio.run(main())
