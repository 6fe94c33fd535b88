module "network" {
  source = "./modules/net"
  cidr   = "10.0.0.0/16"
}
output "x" {
  value = module.network.idd
}
