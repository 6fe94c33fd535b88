import socket
from pathlib import Path

# A server that is not there at the first run.
count = Path("../count")
run = int(count.read_text()) + 1 if count.exists() else 1
count.write_text(str(run))
server = socket.create_server(("127.0.0.1", 0))
port = server.getsockname()[1]
if run == 1:
    server.close()

socket.create_connection(("127.0.0.1", port), timeout=2)
print("connected after", run)
