variable "a" {
  default = eu-west-1
}
