module "net" {
  source = "git::file:///tmp/iac-repo?ref=v9"
}
