variable "name" {
  type = string
}

variable "subnet" {
  type = string
}

variable "tags" {
  type    = map(string)
  default = {}
}

resource "terraform_data" "service" {
  input = merge(var.tags, { name = var.name, address = cidrhost(var.subnet, 10) })
}

output "endpoint" {
  value = "http://${cidrhost(var.subnet, 10)}:8080"
}
