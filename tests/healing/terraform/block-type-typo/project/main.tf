reource "terraform_data" "a" {
  input = 1
}
