print({"a": true, "b": null})
