import yaml

rows = yaml.safe_load(open("rows.yml"))
print(len(rows), "rows")
