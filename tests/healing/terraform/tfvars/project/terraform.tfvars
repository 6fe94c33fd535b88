region: "x"
