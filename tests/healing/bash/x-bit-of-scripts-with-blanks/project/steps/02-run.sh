#!/bin/bash
echo r
