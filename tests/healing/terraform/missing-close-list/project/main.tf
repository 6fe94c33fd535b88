locals {
  l = [
    "a",
    "b"
}

output "t" {
  value = local.l
}
