locals {
  tags = {
    env  = "prod"
    team = "core"
}

resource "terraform_data" "a" {
  input = local.tags
}

output "tags" {
  value = terraform_data.a.output
}
