module "net" {
  source = "git::file://PROJECT/upstream?ref=v9"
}
