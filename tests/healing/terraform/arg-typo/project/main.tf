variable "a" {
  descripton = "x"
}
