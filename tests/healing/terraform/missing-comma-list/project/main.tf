locals {
  l = [
    "a"
    "b",
  ]
}
