variable "region" {
  type    = string
  default = "eu-west-1"
}
output "x" {
  value = var.regoin
}
