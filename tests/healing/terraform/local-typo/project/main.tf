locals {
  common_tags = {}
}
output "x" {
  value = local.comon_tags
}
