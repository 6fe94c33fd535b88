local {
  a = 1
}
