locals {
  a = { name = "x" }
}
output "x" {
  value = local.a.nmae
}
