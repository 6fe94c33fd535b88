variable "cidr" {
  type = string
}

output "id" {
  value = "net-1"
}
