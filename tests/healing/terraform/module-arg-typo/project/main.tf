module "network" {
  source = "./modules/net"
  cdir = "x"
}
