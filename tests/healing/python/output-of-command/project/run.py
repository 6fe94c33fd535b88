import subprocess

out = subprocess.check_output(["printf", "a,b"])
print(out.split(","))
