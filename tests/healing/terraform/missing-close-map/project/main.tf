locals {
  tags = {
    a = "b"
    c = "d"
}

output "t" {
  value = local.tags
}
