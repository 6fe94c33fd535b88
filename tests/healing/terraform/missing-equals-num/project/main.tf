variable "region" {
  default 5
}
