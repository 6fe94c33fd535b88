output "vpc_id" {
  description = "the id"
  value       = terraform_data.vpc.id
}
