# A small service in two zones, made of local modules; terraform_data stands for real resources.
terraform {
  required_version = ">= 1.4"
}

locals {
  name = "${var.team}-${var.environment}"
  tags = {
    team        = var.team
    environment = var.environment
  }
}

module "network" {
  source = "./modules/network"

  name  = local.name
  zones = var.zones
}

module "service" {
  source   = "./modules/service"
  for_each = toset(var.zones)

  name   = "${local.name}-${each.key}"
  subnet = module.network.subnets[each.key]
  tags   = local.tags
}
