variable "name" {
  type = string
}

variable "zones" {
  type = list(string)
}

locals {
  # One /24 for each zone.
  subnets = { for index, zone in var.zones : zone => cidrsubnet("10.20.0.0/16", 8, index) }
}

resource "terraform_data" "network" {
  input = { name = var.name, subnets = local.subnets }
}

output "subnets" {
  value = local.subnets
}
