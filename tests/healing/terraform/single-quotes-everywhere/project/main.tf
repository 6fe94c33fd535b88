variable 'env' {
  default = 'dev'
}
