output "x" {
  value = file("${path.module}/files/user-data.sh")
}
