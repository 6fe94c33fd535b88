locals {
  tags = {}
}
output "x" {
  value = locals.tags
}
